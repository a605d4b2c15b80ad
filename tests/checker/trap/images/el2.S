/* A small hand-written dispatcher at EL2, for the tests of the machine.
 *
 *   not SMC or HVC                     panic
 *   HVC #0xea1                         returns 0x5ea1 in x0, x1 untouched
 *   SMC with an immediate              UNDEFINED at the caller, ELR at the call
 *   HVC with another immediate         UNDEFINED at the caller, ELR at the call
 *   w0 = 0x84000000                    returns 0x10001
 *   w0 = 0x84000003                    as SMC: forwarded with x7 = TPIDR_EL2, x0..x3 back
 *   w0 = 0xc2000000 .. 0xc20000ff      as SMC: forwarded, x0..x3 back, counted in `forwarded`
 *   w0 = 0x84000008                    reaches `deliver`
 *   w0 = 0x84000009                    reaches `stop`
 *   any other                          returns -1
 *
 * x4..x17 as the callee left them are not shown to the caller. */

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

        .globl  panic, deliver, stop
panic:  b       panic
deliver:
        b       deliver
stop:   b       stop

sync_lower:
        stp     x29, x30, [sp, #-144]!
        stp     x4, x5, [sp, #16]
        stp     x6, x7, [sp, #32]
        stp     x8, x9, [sp, #48]
        stp     x10, x11, [sp, #64]
        stp     x12, x13, [sp, #80]
        stp     x14, x15, [sp, #96]
        stp     x16, x17, [sp, #112]
        mrs     x29, esr_el2
        lsr     x30, x29, #26
        cmp     x30, #0x17
        b.eq    is_smc
        cmp     x30, #0x16
        b.ne    panic
        and     w30, w29, #0xffff
        cbz     w30, common
        mov     w29, #0xea1
        cmp     w30, w29
        b.ne    undef_hvc
        mov     x0, #0x5ea1
        b       out

is_smc: and     w30, w29, #0xffff
        cbnz    w30, undef
        mrs     x30, elr_el2
        add     x30, x30, #4
        msr     elr_el2, x30

common: ubfx    x30, x29, #26, #6               /* EC again: only an SMC is forwarded */
        movz    w29, #0x8400, lsl #16
        cmp     w0, w29
        b.eq    version
        add     w29, w29, #3
        cmp     w0, w29
        b.eq    cpu_on
        add     w29, w29, #5
        cmp     w0, w29
        b.eq    deliver
        add     w29, w29, #1
        cmp     w0, w29
        b.eq    stop
        movz    w29, #0xc200, lsl #16
        sub     w29, w0, w29
        cmp     w29, #0x100
        b.lo    sip
unknown:
        mov     x0, #-1
        b       out
version:
        mov     x0, #1
        movk    x0, #1, lsl #16
        b       out
cpu_on: cmp     x30, #0x17
        b.ne    unknown
        mrs     x7, tpidr_el2
        b       forward
sip:    cmp     x30, #0x17
        b.ne    unknown
        adr     x29, forwarded
        ldr     x30, [x29]
        add     x30, x30, #1
        str     x30, [x29]
forward:
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
        mrs     x29, elr_el2
        mrs     x30, spsr_el2
        smc     #0
        msr     elr_el2, x29
        msr     spsr_el2, x30
out:    ldp     x4, x5, [sp, #16]
        ldp     x6, x7, [sp, #32]
        ldp     x8, x9, [sp, #48]
        ldp     x10, x11, [sp, #64]
        ldp     x12, x13, [sp, #80]
        ldp     x14, x15, [sp, #96]
        ldp     x16, x17, [sp, #112]
        ldp     x29, x30, [sp], #144
        eret

undef_hvc:
        mrs     x29, elr_el2                    /* HVC: the hardware has advanced */
        sub     x29, x29, #4
        b       1f
undef:  mrs     x29, elr_el2
1:      msr     elr_el1, x29
        movz    x29, #0x0200, lsl #16
        msr     esr_el1, x29
        mrs     x29, spsr_el2
        msr     spsr_el1, x29
        mrs     x30, vbar_el1
        tbz     x29, #0, 2f
        add     x30, x30, #0x200
2:      msr     elr_el2, x30
        mov     x29, #0x3c5
        msr     spsr_el2, x29
        b       out

        .section .data, "aw"
        .balign 8
        .globl  forwarded
forwarded:
        .quad   0
