/* The callers: one loop at EL1 and one at EL2 (the same text) that executes the call table.
 *
 * Per call record: load the caller's stack pointers, PSTATE and x0..x30, branch to the stub that
 * holds the wanted instruction, and when the dispatcher returns, by the stub or by this level's
 * vector table, store x0..x30, both stack pointers, PSTATE and where it came back to the result
 * record. Offsets and addresses come from layout.py as macros. The stub has stashed x30 in d31
 * and left the address it came back to in x30. */

        .macro  save_registers
        fmov    d30, x29
        ldr     x29, caller_vars + VARS_RESULT
        stp     x0, x1, [x29, #0]
        stp     x2, x3, [x29, #16]
        stp     x4, x5, [x29, #32]
        stp     x6, x7, [x29, #48]
        stp     x8, x9, [x29, #64]
        stp     x10, x11, [x29, #80]
        stp     x12, x13, [x29, #96]
        stp     x14, x15, [x29, #112]
        stp     x16, x17, [x29, #128]
        stp     x18, x19, [x29, #144]
        stp     x20, x21, [x29, #160]
        stp     x22, x23, [x29, #176]
        stp     x24, x25, [x29, #192]
        stp     x26, x27, [x29, #208]
        fmov    x0, d30
        fmov    x1, d31
        stp     x28, x0, [x29, #224]
        mrs     x2, nzcv
        mrs     x3, daif
        mrs     x4, spsel
        .endm

        .macro  caller level, stubs, spsr, elr, esr
        .section .text.caller\level, "ax"
        .balign 0x800
        .globl  caller_vectors_el\level
caller_vectors_el\level:
        .set    vector, 0
        .rept   16
        b       vector_returns_el\level + 8 * vector
        .rept   31
        brk     #BRK_STRAY
        .endr
        .set    vector, vector + 1
        .endr

        .globl  vector_returns_el\level
vector_returns_el\level:
        .rept   16
        fmov    d31, x30
        bl      vector_landing_el\level
        .endr

        /* an exception came back: as below, and what its syndrome registers hold */
vector_landing_el\level:
        save_registers
        mrs     x5, \esr
        mrs     x6, \elr
        mrs     x7, \spsr
        stp     x5, x6, [x29, #RESULT_ESR]
        str     x7, [x29, #RESULT_SPSR]
        mov     x9, #ENDING_VECTOR
        b       1f

        .globl  landing_el\level
landing_el\level:
        save_registers
        mov     x9, #ENDING_RESUMED
1:      orr     x8, x3, #(\level << 2)
        orr     x8, x8, x4
        orr     x8, x8, x2
        orr     x22, x3, #1             /* from here on SPSel is 1 */
        cbz     x4, 3f
        mov     x21, sp
        mrs     x20, sp_el0
2:      stp     x1, x20, [x29, #RESULT_X30]
        stp     x21, x8, [x29, #RESULT_SP_ELX]
        adr     x28, caller_vars
        ldp     x10, x11, [x28, #VARS_SENDS]
        stp     x30, x9, [x29, #RESULT_WHERE]
        str     x10, [x29, #RESULT_SENDS]
        cbz     x11, next_el\level
        add     x12, x28, #VARS_OBSERVED
        add     x13, x29, #RESULT_OBSERVED
4:      ldr     x14, [x12], #8
        ldr     x14, [x14]
        str     x14, [x13], #8
        sub     x11, x11, #1
        cbnz    x11, 4b
        b       next_el\level
3:      mov     x20, sp
        msr     spsel, #1
        mov     x21, sp
        b       2b

        /* x20, x21, x22: SP_EL0, SP_ELx, and DAIF with SPSel as they are now; x22 = -1 if the harness
         * starts the loop and they are unknown */
        .globl  next_el\level
next_el\level:
        adr     x29, caller_vars
        ldp     x28, x27, [x29, #VARS_CALL]
        ldp     x26, x25, [x29, #VARS_END]
        add     x28, x28, #CALL_SIZE
        add     x27, x27, #RESULT_SIZE
        eor     x25, x25, #STUB_SIZE
        cmp     x28, x26
        b.hs    5f
        stp     x28, x27, [x29, #VARS_CALL]
        str     x25, [x29, #VARS_PARITY]
        ldr     w1, [x28, #CALL_SLOT]
        ldr     w2, [x28, #(CALL_SLOT + 4)]
        ldr     w3, [x29, #VARS_CALLER]
        cmp     w2, w3
        b.ne    6f
        .globl  switched_el\level
switched_el\level:
        ldr     x4, [x28, #CALL_ANSWERS]
        ldp     x5, x6, [x28, #CALL_SP_EL0]
        ldr     x7, [x28, #CALL_PSTATE]
        str     x4, [x29, #VARS_ANSWERS]
        cmp     x5, x20
        ccmp    x6, x21, #0, eq
        and     x8, x7, #0x3ff
        ccmp    x8, x22, #0, eq
        b.ne    7f
8:      msr     nzcv, x7
        movz    x29, #((\stubs >> 16) & 0xffff), lsl #16
        movk    x29, #((\stubs >> 32) & 0xffff), lsl #32
        add     x29, x29, x1, lsl #STUB_SHIFT
        add     x29, x29, x25
        mov     x30, x28
        ldp     x0, x1, [x30, #0]
        ldp     x2, x3, [x30, #16]
        ldp     x4, x5, [x30, #32]
        ldp     x6, x7, [x30, #48]
        ldp     x8, x9, [x30, #64]
        ldp     x10, x11, [x30, #80]
        ldp     x12, x13, [x30, #96]
        ldp     x14, x15, [x30, #112]
        ldp     x16, x17, [x30, #128]
        ldp     x18, x19, [x30, #144]
        ldp     x20, x21, [x30, #160]
        ldp     x22, x23, [x30, #176]
        ldp     x24, x25, [x30, #192]
        ldp     x26, x27, [x30, #208]
        ldr     x28, [x30, #224]
        br      x29                     /* the stub loads x29 and x30 */

5:      brk     #BRK_DONE
6:      brk     #BRK_SWITCH
        b       switched_el\level

7:      msr     spsel, #1
        mov     sp, x6
        msr     sp_el0, x5
        msr     daif, x7
        tbnz    x7, #0, 8b
        msr     spsel, #0
        b       8b
        .endm

        caller  1, STUBS_EL1, spsr_el1, elr_el1, esr_el1
        caller  2, STUBS_EL2, spsr_el2, elr_el2, esr_el2

        .section .bss.vars, "aw", %nobits
        .globl  caller_vars
caller_vars:
        .space  0x1000
