"""The table of folders in docs/architecture.md agrees with the imports."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "src/latent"
ROW = re.compile(r"\| `(\w+)` \| .+ \| (.+) \|")


def read_table() -> dict[str, set[str] | None]:
    """Return, in the table's order, the folders that import each folder; None stands for all."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    section = text.split("## Folders of the library")[1].split("\n## ")[0]
    rows = (match.groups() for match in map(ROW.fullmatch, section.splitlines()) if match)
    words = {"all": None, "none": set[str]()}
    return {name: words.get(users, set(users.split(", "))) for name, users in rows}


def read_imports() -> set[tuple[str, str]]:
    """Return the pairs (importing, imported) of folders and root modules of the library."""
    found = set()
    for path in [*LIBRARY.rglob("*.py"), *(ROOT / "stages").glob("*.py")]:
        if path == LIBRARY / "__init__.py":  # gives users `Model`
            continue
        is_stage = path.is_relative_to(ROOT / "stages")
        user = "stages" if is_stage else path.relative_to(LIBRARY).with_suffix("").parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            used = {name.split(".")[1] for name in names if name.startswith("latent.")}
            found |= {(user, name) for name in used - {user}}
    return found


def test_every_folder_has_a_row() -> None:
    folders = {path.parent.name for path in LIBRARY.glob("*/__init__.py")}
    modules = {path.stem for path in LIBRARY.glob("*.py")} - {"__init__"}
    assert set(read_table()) == folders | modules


def test_each_folder_is_imported_by_the_folders_in_its_row() -> None:
    imports = read_imports()
    for name, users in read_table().items():
        if users is not None:
            assert {user for user, used in imports if used == name} == users, name


def test_imports_point_upwards_in_the_table() -> None:
    order = [*read_table(), "stages"]
    for user, used in read_imports():
        assert order.index(used) < order.index(user), f"{user} imports {used}"


def imports_keras(path: Path) -> bool:
    """Return whether a module imports Keras when it is imported itself."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(name.split(".")[0] == "keras" for name in names):
            return True
    return False


def test_latent_models_starts_keras_before_any_other_module_imports_it() -> None:
    for path in LIBRARY.rglob("*.py"):
        if imports_keras(path):
            package = LIBRARY / path.relative_to(LIBRARY).parts[0]
            init = (package / "__init__.py").read_text(encoding="utf-8")
            assert package.name == "models" or "\nimport latent.models" in init, path
