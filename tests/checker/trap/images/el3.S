/* A small hand-written dispatcher at EL3, for the tests of the machine. SMC is taken, so ELR_EL3 is
 * past the call.
 *
 *   not SMC                            panic
 *   SMC with an immediate              UNDEFINED at the caller, ELR at the call
 *   w0 = 0x84000000                    returns 0x10001
 *   w0 = 0xc2000000 .. 0xc20000ff      handed to the callee, x0..x3 back, counted in `forwarded`
 *   w0 = 0x84000008                    reaches `deliver`
 *   any other                          returns -1 */

        .section .text, "ax"
        .balign 0x800
        .globl  vectors
vectors:
        .rept   8
        b       panic
        .balign 0x80
        .endr
        b       sync_lower
        .balign 0x80
        .rept   7
        b       panic
        .balign 0x80
        .endr

        .globl  panic, deliver
panic:  b       panic
deliver:
        b       deliver

sync_lower:
        stp     x29, x30, [sp, #-144]!
        stp     x4, x5, [sp, #16]
        stp     x6, x7, [sp, #32]
        stp     x8, x9, [sp, #48]
        stp     x10, x11, [sp, #64]
        stp     x12, x13, [sp, #80]
        stp     x14, x15, [sp, #96]
        stp     x16, x17, [sp, #112]
        mrs     x29, esr_el3
        lsr     x30, x29, #26
        cmp     x30, #0x17
        b.ne    panic
        and     w30, w29, #0xffff
        cbnz    w30, undef
        movz    w29, #0x8400, lsl #16
        cmp     w0, w29
        b.eq    version
        add     w29, w29, #8
        cmp     w0, w29
        b.eq    deliver
        movz    w29, #0xc200, lsl #16
        sub     w29, w0, w29
        cmp     w29, #0x100
        b.lo    sip
        mov     x0, #-1
        b       out
version:
        mov     x0, #1
        movk    x0, #1, lsl #16
        b       out
sip:    adr     x29, forwarded
        ldr     x30, [x29]
        add     x30, x30, #1
        str     x30, [x29]
        mov     x8, xzr
        mov     x9, xzr
        mov     x10, xzr
        mov     x11, xzr
        mov     x12, xzr
        mov     x13, xzr
        mov     x14, xzr
        mov     x15, xzr
        mov     x16, xzr
        mov     x17, xzr
        movz    x29, #((PORT >> 16) & 0xffff), lsl #16
        movk    x29, #((PORT >> 32) & 0xffff), lsl #32
        movk    x29, #(PORT & 0xffff)
        blr     x29
out:    ldp     x4, x5, [sp, #16]
        ldp     x6, x7, [sp, #32]
        ldp     x8, x9, [sp, #48]
        ldp     x10, x11, [sp, #64]
        ldp     x12, x13, [sp, #80]
        ldp     x14, x15, [sp, #96]
        ldp     x16, x17, [sp, #112]
        ldp     x29, x30, [sp], #144
        eret

undef:  mrs     x29, spsr_el3
        tbnz    x29, #3, undef_el2
        mrs     x30, elr_el3
        sub     x30, x30, #4
        msr     elr_el1, x30
        msr     spsr_el1, x29
        mrs     x30, vbar_el1
        tbz     x29, #0, 1f
        add     x30, x30, #0x200
1:      msr     elr_el3, x30
        movz    x29, #0x0200, lsl #16
        msr     esr_el1, x29
        mov     x29, #0x3c5
        msr     spsr_el3, x29
        b       out
undef_el2:
        mrs     x30, elr_el3
        sub     x30, x30, #4
        msr     elr_el2, x30
        msr     spsr_el2, x29
        mrs     x30, vbar_el2
        tbz     x29, #0, 1f
        add     x30, x30, #0x200
1:      msr     elr_el3, x30
        movz    x29, #0x0200, lsl #16
        msr     esr_el2, x29
        mov     x29, #0x3c9
        msr     spsr_el3, x29
        b       out

        .section .data, "aw"
        .balign 8
        .globl  forwarded
forwarded:
        .quad   0
