"""Unicorn behind the few functions that the machine uses.

The only module that imports unicorn, and only when an emulator is made. Library calls on the fast
path go through ctypes with arguments made once and without giving up the interpreter's lock.
"""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from smcproof.checker.trap.layout import PAGE, Region
from smcproof.checker.trap.memory import Block, Permission
from smcproof.checker.trap.sysreg import SysReg
from smcproof.checker.trap.transfer import Transfer
from smcproof.checker.trap.watchdog import Watchdog, interruptible

CPUS = {"cortex-a57": "UC_CPU_ARM64_A57", "max": "UC_CPU_ARM64_MAX"}
NOWHERE = (1 << 64) - 4
"""Where the emulator stops by itself: not a place that can be reached."""


class TlbEntry(ctypes.Structure):
    """What a TLB fill answers: the page's address and the permissions to enter."""

    _fields_ = (("paddr", ctypes.c_uint64), ("perms", ctypes.c_uint32))
    paddr: int
    perms: int


TlbEntries: TypeAlias = Sequence[TlbEntry]
"""A pointer to one, as ctypes hands it to a callback."""
_VOID = ctypes.c_void_p
_U32 = ctypes.c_uint32
_U64 = ctypes.c_uint64
ON_INTERRUPT = ctypes.PYFUNCTYPE(None, _VOID, _U32)
ON_CODE = ctypes.PYFUNCTYPE(None, _VOID, _U64, _U32)
ON_ACCESS = ctypes.PYFUNCTYPE(ctypes.c_bool, _VOID, ctypes.c_int, _U64, ctypes.c_int, _U64)
ON_FILL = ctypes.PYFUNCTYPE(ctypes.c_bool, _VOID, _U64, ctypes.c_int, ctypes.POINTER(TlbEntry))
ON_READ = ctypes.PYFUNCTYPE(_U64, _VOID, _U64, ctypes.c_uint)
ON_WRITE = ctypes.PYFUNCTYPE(None, _VOID, _U64, ctypes.c_uint, _U64)


class Emulator:
    """Unicorn behind the few functions that the machine uses, called through ctypes without giving
    up the interpreter's lock."""

    def __init__(self, cpu: str) -> None:
        import unicorn
        from unicorn import arm64_const as registers
        from unicorn.unicorn_py3.unicorn import uclib

        binding: Any = unicorn  # its types are those of Python 2
        self.constants = binding
        self.ids = {
            name.removeprefix("UC_ARM64_REG_"): int(value)
            for name, value in vars(registers).items()
            if name.startswith("UC_ARM64_REG_")
        }
        self._uc: Any = binding.Uc(binding.UC_ARCH_ARM64, binding.UC_MODE_ARM)
        self._uc.ctl_set_cpu_model(getattr(registers, CPUS[cpu]))
        self._uc.ctl_set_page_size(PAGE)
        self._uc.ctl_set_tlb_mode(binding.UC_TLB_VIRTUAL)
        address = int(self._uc._uch.value)
        # an argument made by byref costs ctypes the least
        self.handle: Any = ctypes.byref(ctypes.c_char.from_address(address))
        library = ctypes.PyDLL(uclib._name)
        self.read_batch: Any = library.uc_reg_read_batch
        self.write_batch: Any = library.uc_reg_write_batch
        self.read_batch.restype = self.write_batch.restype = None
        self._start: Any = library.uc_emu_start
        self._start.argtypes = (_VOID, _U64, _U64, _U64, ctypes.c_size_t)
        self._hook_add: Any = library.uc_hook_add
        self._hook_del: Any = library.uc_hook_del
        self._map: Any = library.uc_mem_map_ptr
        self._map.argtypes = (_VOID, _U64, ctypes.c_size_t, _U32, _VOID)
        self._mmio: Any = library.uc_mmio_map
        self._mmio.argtypes = (_VOID, _U64, ctypes.c_size_t, ON_READ, _VOID, ON_WRITE, _VOID)
        self._keep: dict[int, object] = {}
        self._watchdog = Watchdog(library.uc_emu_stop, address)
        self.timed_out = False

    def map(self, block: Block, permission: Permission) -> None:
        region = block.region
        error = self._map(self.handle, region.base, region.size, int(permission), block.address)
        if error:
            raise ValueError(f"{region.name} at {region.base:#x} cannot be mapped ({error})")
        self._keep[id(block)] = block

    def mmio(self, region: Region, read: Callable[..., int], write: Callable[..., None]) -> None:
        on_read, on_write = ON_READ(read), ON_WRITE(write)
        error = self._mmio(self.handle, region.base, region.size, on_read, None, on_write, None)
        if error:
            raise ValueError(f"{region.name} at {region.base:#x} cannot be mapped ({error})")
        self._keep[id(on_read)] = on_read, on_write

    def hook(self, kind: str, callback: Any, begin: int = 1, end: int = 0) -> int:
        handle = ctypes.c_size_t()
        number = getattr(self.constants, f"UC_HOOK_{kind}")
        error = self._hook_add(
            self.handle, ctypes.byref(handle), number, callback, None, _U64(begin), _U64(end)
        )
        if error:
            raise ValueError(f"the emulator refuses a hook ({error})")
        self._keep[id(callback)] = callback
        return handle.value

    def unhook(self, handle: int) -> None:
        self._hook_del(self.handle, ctypes.c_size_t(handle))

    def forget_code(self) -> None:
        """Translated code does not know of hooks that came or went after it."""
        self._uc.ctl_flush_tb()

    def forget_pages(self) -> None:
        """Has every page asked for again."""
        self._uc.ctl(self.constants.UC_CTL_TLB_FLUSH, self.constants.UC_CTL_IO_WRITE)

    def read(self, transfer: Transfer) -> None:
        self.read_batch(self.handle, transfer.ids, transfer.pointers, transfer.count)

    def write(self, transfer: Transfer) -> None:
        self.write_batch(self.handle, transfer.ids, transfer.pointers, transfer.count)

    def get(self, name: str) -> int:
        return int(self._uc.reg_read(self.ids[name]))

    def put(self, name: str, value: int) -> None:
        self._uc.reg_write(self.ids[name], value)

    def put_system(self, register: SysReg, value: int) -> None:
        op0, op1, crn, crm, op2 = register
        self._uc.cpr_write(op0, op1, crn, crm, op2, value)

    def start(self, pc: int, seconds: float) -> int:
        """Runs from ``pc`` until something stops it; the emulator's error number. ``timed_out`` says
        whether it took longer than ``seconds``. On Ctrl-C KeyboardInterrupt, once it stopped."""
        own = 0 if self._watchdog.works else int(seconds * 1e6)
        with interruptible(self.stop):
            self._watchdog.arm(seconds)
            error = int(self._start(self.handle, pc, NOWHERE, own, 0))
            self.timed_out = self._watchdog.disarm()
        return error

    def stop(self) -> None:
        self._uc.emu_stop()

    def save(self, context: Any = None) -> Any:
        if context is None:
            return self._uc.context_save()
        self._uc.context_update(context)
        return context

    def restore(self, context: Any) -> None:
        self._uc.context_restore(context)
