"""The shape of the code: who may import whom (docs/adr/0002), read from the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("app", "issuer", "verifier", "schemas", "keys")

# A package may import those on its right, and itself.
ALLOWED = {
    "app": {"issuer", "verifier", "schemas", "keys"},
    "issuer": {"schemas", "keys"},
    "verifier": {"schemas", "keys"},
    "schemas": {"keys"},
    "keys": set(),
}

# Inside the issuer, from the edge to the rules. A layer may import those below it, and itself.
ISSUER_LAYERS = ("cli", "web", "service", "store", "rules")

# What a pure rule never needs: the world outside, and the clock.
IMPURE = {
    "datetime.now",
    "os",
    "socket",
    "sqlalchemy",
    "flask",
    "random",
    "secrets",
    "time",
    "uuid",
    "pathlib",
}


def _modules() -> list[Path]:
    files = [ROOT / "app.py"]
    for package in PACKAGES[1:]:
        files += sorted((ROOT / package).rglob("*.py"))
    return [file for file in files if "migrations" not in file.parts]


def _name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(file: Path) -> set[str]:
    """Every module that a file imports, at the top or inside a function, as absolute names."""
    package = _name(file).split(".") if file.name == "__init__.py" else _name(file).split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names} | {module}
    return found


MODULES = _modules()


@pytest.mark.parametrize("file", MODULES, ids=_name)
def test_imports_go_down_only(file: Path) -> None:
    package = _name(file).split(".")[0]
    wrong = {
        name
        for name in _imports(file)
        if (top := name.split(".")[0]) in PACKAGES and top != package and top not in ALLOWED[package]
    }
    assert not wrong, f"{_name(file)} imports {sorted(wrong)}"


@pytest.mark.parametrize("file", [f for f in MODULES if _name(f).startswith("issuer.")], ids=_name)
def test_the_issuers_layers_are_kept(file: Path) -> None:
    layer = _name(file).split(".")[1]
    if layer not in ISSUER_LAYERS:
        return
    above = ISSUER_LAYERS[: ISSUER_LAYERS.index(layer)]
    wrong = {name for name in _imports(file) for upper in above if f"{name}.".startswith(f"issuer.{upper}.")}
    assert not wrong, f"{_name(file)} reaches up to {sorted(wrong)}"


@pytest.mark.parametrize("file", [f for f in MODULES if _name(f).startswith("issuer.rules")], ids=_name)
def test_rules_do_no_input_or_output(file: Path) -> None:
    wrong = {name for name in _imports(file) if name in IMPURE or name.split(".")[0] in IMPURE}
    assert not wrong, f"{_name(file)} imports {sorted(wrong)}"
    assert ".now(" not in file.read_text(encoding="utf-8"), f"{_name(file)} reads the clock itself"


@pytest.mark.parametrize(
    "file", [f for f in MODULES if _name(f).startswith("verifier") and _name(f) != "verifier.web"], ids=_name
)
def test_only_the_verifiers_web_module_knows_flask(file: Path) -> None:
    wrong = {name for name in _imports(file) if name.split(".")[0] in {"flask", "sqlalchemy", "jinja2"}}
    assert not wrong, f"{_name(file)} imports {sorted(wrong)}"
    assert "verifier.web" not in _imports(file), f"{_name(file)} imports the web module"


def test_the_verifier_starts_without_flask_and_without_a_database() -> None:
    code = (
        "import sys, verifier, verifier.cli\n"
        "heavy = {'flask', 'sqlalchemy', 'psycopg', 'PIL', 'fpdf', 'webauthn', 'cbor2'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_public_is_listed() -> None:
    for package in ("schemas", "keys", "verifier"):
        tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
        names = [
            target.id
            for node in tree.body
            if isinstance(node, (ast.Assign, ast.AnnAssign))
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        ]
        assert "__all__" in names, f"{package} does not say what is public"


def test_nothing_imports_the_app() -> None:
    wrong = [_name(file) for file in MODULES if _name(file) != "app" and "app" in _imports(file)]
    assert not wrong
