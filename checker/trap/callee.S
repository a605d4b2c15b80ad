/* The callee: what stands where secure firmware would, and answers from a table.
 *
 * callee_vectors is its vector table at EL3 (policies at EL2). callee_ported is entered by the
 * harness at EL1 when a dispatcher at EL3 hands a call over through the port. Both log x0..x17 as
 * they arrived and as they leave, the syndrome, the canonical identifier and where the call came
 * from. Only x0..x17 change, as the profile says. Offsets come from layout.py as macros. */

        .macro  garbage reg
        bfi     \reg, x20, #32, #32
        add     x20, x20, #0x11
        .endm

        .macro  result reg, at
        cmp     x23, #\at
        b.ls    8f
        ldr     \reg, [x19, #(8 * \at)]
        .endm

        /* in: sp is the frame, x0..x17 as sent. x18..x23 are free after the first three stores. */
        .macro  answer syndrome, from
        stp     x18, x19, [sp, #0]
        stp     x20, x21, [sp, #16]
        stp     x22, x23, [sp, #32]
1:      ldp     x18, x19, [sp, #FRAME_LOG]
        cmp     x18, x19
        b.hs    9f
        stp     x0, x1, [x18, #0]
        stp     x2, x3, [x18, #16]
        stp     x4, x5, [x18, #32]
        stp     x6, x7, [x18, #48]
        stp     x8, x9, [x18, #64]
        stp     x10, x11, [x18, #80]
        stp     x12, x13, [x18, #96]
        stp     x14, x15, [x18, #112]
        stp     x16, x17, [x18, #128]
        .ifb    \syndrome
        mov     x20, xzr
        mov     x21, xzr
        .else
        mrs     x20, \syndrome
        mrs     x21, \from
        .endif
        stp     x20, x21, [x18, #LOG_ESR]
        /* canon(x0): w0, and for a fast call without the SVE hint */
        mov     w22, w0
        and     w20, w0, #0xfffeffff
        tst     w0, #0x80000000
        csel    w22, w20, w22, ne
        str     x22, [x18, #LOG_CANON]
        /* count it, and take the next of this call's answers or the one for unknown functions */
        adr     x19, caller_vars
        ldr     x20, [x19, #VARS_SENDS]
        ldp     w21, w23, [x19, #VARS_ANSWERS]
        add     x20, x20, #1
        str     x20, [x19, #VARS_SENDS]
        cbz     w23, 6f
        add     w20, w21, #1
        sub     w23, w23, #1
        stp     w20, w23, [x19, #VARS_ANSWERS]
        ldr     x19, [sp, #FRAME_ANSWERS]
        mov     w20, #ANSWER_SIZE
        umaddl  x19, w20, w21, x19
2:      ldr     x23, [x19, #ANSWER_COUNT]
        ldp     x0, x1, [x19, #0]
        ldp     x2, x3, [x19, #16]
        ldr     w21, [sp, #FRAME_PROFILE]
        cmp     w21, #PROFILE_1_1
        b.lo    3f
        b.eq    8f
        /* 1.2: results in x0..x17, the others preserved */
        result  x4, 4
        result  x5, 5
        result  x6, 6
        result  x7, 7
        result  x8, 8
        result  x9, 9
        result  x10, 10
        result  x11, 11
        result  x12, 12
        result  x13, 13
        result  x14, 14
        result  x15, 15
        result  x16, 16
        result  x17, 17
        b       8f
        /* 1.0: x4..x17 are scratch and come back with something of the callee's */
3:      ldr     x20, [sp, #FRAME_SECRET]
        add     x4, x20, #4
        add     x5, x20, #5
        add     x6, x20, #6
        add     x7, x20, #7
        add     x8, x20, #8
        add     x9, x20, #9
        add     x10, x20, #10
        add     x11, x20, #11
        add     x12, x20, #12
        add     x13, x20, #13
        add     x14, x20, #14
        add     x15, x20, #15
        add     x16, x20, #16
        add     x17, x20, #17
        add     x20, x20, #0x100
        str     x20, [sp, #FRAME_SECRET]
8:      tbnz    w22, #30, 4f
        /* SMC32: bits 63:32 of a result mean nothing */
        ldr     x20, [sp, #FRAME_GARBAGE]
        garbage x0
        garbage x1
        garbage x2
        garbage x3
        ldr     w21, [sp, #FRAME_PROFILE]
        cmp     w21, #PROFILE_1_2
        b.ne    5f
        cmp     x23, #4
        b.ls    5f
        garbage x4
        garbage x5
        garbage x6
        garbage x7
5:      str     x20, [sp, #FRAME_GARBAGE]
        /* of the answer's registers x5.. follow from x4 or are as sent, except under 1.2 */
4:      stp     x0, x1, [x18, #(LOG_ANSWERED + 0)]
        stp     x2, x3, [x18, #(LOG_ANSWERED + 16)]
        str     x4, [x18, #(LOG_ANSWERED + 32)]
        ldr     w21, [sp, #FRAME_PROFILE]
        cmp     w21, #PROFILE_1_2
        b.ne    3f
        stp     x5, x6, [x18, #(LOG_ANSWERED + 40)]
        stp     x7, x8, [x18, #(LOG_ANSWERED + 56)]
        stp     x9, x10, [x18, #(LOG_ANSWERED + 72)]
        stp     x11, x12, [x18, #(LOG_ANSWERED + 88)]
        stp     x13, x14, [x18, #(LOG_ANSWERED + 104)]
        stp     x15, x16, [x18, #(LOG_ANSWERED + 120)]
        str     x17, [x18, #(LOG_ANSWERED + 136)]
3:      add     x18, x18, #LOG_SIZE
        str     x18, [sp, #FRAME_LOG]
        ldp     x18, x19, [sp, #0]
        ldp     x20, x21, [sp, #16]
        ldp     x22, x23, [sp, #32]
        b       7f
6:      ldr     x19, =ANSWERS
        b       2b
9:      brk     #BRK_LOG_FULL
        b       1b
7:
        .endm

        .section .text.callee, "ax"
        .balign 0x800
        .globl  callee_vectors
callee_vectors:
        .rept   8 * 32
        brk     #BRK_EXCEPTION
        .endr
        b       callee_sync
        .rept   8 * 32 - 1
        brk     #BRK_EXCEPTION
        .endr
callee_sync:
        answer  esr_el3, elr_el3
        eret

        .globl  callee_ported
callee_ported:
        answer
        .globl  callee_ported_end
callee_ported_end:
        brk     #BRK_PORTED
        .ltorg
