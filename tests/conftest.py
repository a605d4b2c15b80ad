"""Binds ``smcproof`` to this checkout, so that tests see a new module without reinstalling."""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
package = ModuleType("smcproof")
package.__path__ = [str(ROOT)]
sys.modules.setdefault("smcproof", package)
