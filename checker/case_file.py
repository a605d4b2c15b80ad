"""Case files: a counterexample on disk, with what it belongs to, so that ``replay`` finds it again."""

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from smcproof.checker.case_json import CaseError, Json, case_json, step_json, table
from smcproof.checker.replay import Replayed
from smcproof.spec.case import Case
from smcproof.spec.core_policy import Claim, CorePolicy

SCHEMA = "smcproof.case/1"
DEFAULT_FOLDER = ".smcproof/cases"


@dataclass(frozen=True, slots=True)
class StoredCase:
    """What a case file says before the case itself is read: that needs the policy."""

    path: Path
    policy_file: str
    policy_sha256: str
    title: str
    body: object


def case_report(
    policy: CorePolicy, claim: Claim, case: Case, replayed: Replayed | None
) -> dict[str, object]:
    """The case with everything that identifies it; the content of a case file."""
    found: dict[str, object] = {
        "schema": SCHEMA,
        "smcproof": _version("smcproof"),
        "solver": f"z3-solver {_version('z3-solver')}",
        "policy": {
            "name": policy.name,
            "file": policy.source.path,
            "sha256": policy.source.sha256,
            "included": [
                {"file": source.path, "sha256": source.sha256} for source in policy.included
            ],
            "geometry": policy.geometry.name,
        },
        "property": {"title": claim.title, "name": claim.property, "line": claim.span.line},
        "case": case_json(policy, case),
    }
    if replayed is not None:
        found["steps"] = [step_json(policy, step) for step in replayed.steps]
        if replayed.finding is not None:
            found["finding"] = {
                "expected": replayed.finding.expected,
                "actual": replayed.finding.actual,
            }
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def store_case(folder: Path, report: dict[str, object]) -> Path:
    """Writes a case under a name made of its policy, property and content; raises OSError."""
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    policy = table(report["policy"], "policy")
    claim = table(report["property"], "property")
    words = f"{policy['name']}-{claim['title']}"
    stem = re.sub(r"[^A-Za-z0-9]+", "-", words).strip("-")[:80]
    digest = sha256(json.dumps(report["case"], sort_keys=True).encode()).hexdigest()[:8]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-{digest}.json"
    path.write_text(text, encoding="utf-8")
    return path


def read_case_file(path: Path) -> StoredCase:
    """A case file; raises OSError or ``CaseError``."""
    try:
        data = json.loads(path.read_bytes().decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as problem:
        raise CaseError(f"{path} is not JSON: {problem}") from problem
    whole: Json = table(data, str(path))
    if whole.get("schema") != SCHEMA:
        raise CaseError(f"{path} is no case file: its schema is not {SCHEMA}")
    policy = table(whole.get("policy"), "`policy`")
    claim = table(whole.get("property"), "`property`")
    return StoredCase(
        path=path,
        policy_file=str(policy.get("file", "")),
        policy_sha256=str(policy.get("sha256", "")),
        title=str(claim.get("title", "")),
        body=whole.get("case"),
    )
