"""Images of one static program each: the pause program of pods, cluster DNS and the two operators."""

from dataclasses import dataclass
from pathlib import Path

from tools.images.content_key import content_key
from tools.images.layout import ImageError
from tools.setup.locations import BIN, GO_MODULES

CONTAINERFILES = Path(__file__).parent / "containerfiles"


@dataclass(frozen=True, kw_only=True)
class Program:
    """Static executable, and the module that pins its version."""

    name: str
    module: str
    """Folder under tools/go whose go.mod pins the version."""
    requirement: str | None
    """Go module whose required version is the image's version; None for a program of our own."""

    @property
    def containerfile(self) -> Path:
        """Recipe, which copies the file of the program's name from the context."""
        return CONTAINERFILES / f"{self.name}.Containerfile"

    def binary(self) -> Path:
        """Return the executable.

        Raises:
            ImageError: it was not compiled, or is dynamically linked and could not start in an empty image.
        """
        path = BIN / self.name
        if not path.is_file():
            raise ImageError(f"{self.name}: no executable at {path}; compile it: python -m tools.setup")
        if _is_dynamic(path):
            raise ImageError(f"{self.name}: {path} is dynamically linked; compile it with CGO_ENABLED=0")
        return path

    def labels(self) -> dict[str, str]:
        """Return the OCI annotations that the recipe cannot know."""
        version = self._version()
        return {"org.opencontainers.image.version": version} if version else {}

    def key(self) -> str:
        """Compute the content key."""
        labels = "\n".join(f"{name}={value}" for name, value in sorted(self.labels().items()))
        return content_key({"containerfile": self.containerfile, "program": self.binary(), "labels": labels})

    def _version(self) -> str | None:
        if self.requirement is None:
            return None
        for line in (GO_MODULES / self.module / "go.mod").read_text().splitlines():
            words = line.removeprefix("require ").split()
            if words[:1] == [self.requirement]:
                return words[1]
        raise ImageError(f"{self.name}: {GO_MODULES / self.module / 'go.mod'} does not require {self.requirement}")


PROGRAMS = {
    program.name: program
    for program in (
        Program(name="pause", module="pause", requirement=None),
        Program(name="coredns", module="coredns", requirement="github.com/coredns/coredns"),
        Program(name="kueue", module="kube", requirement="sigs.k8s.io/kueue"),
        Program(name="kuberay-operator", module="kuberay", requirement="github.com/ray-project/kuberay/ray-operator"),
    )
}


def _is_dynamic(path: Path) -> bool:
    """Tell whether an ELF file names a loader (program header PT_INTERP = 3), which an empty image does not have."""
    with path.open("rb") as file:
        head = file.read(64)
        if head[:5] != b"\x7fELF\x02":
            raise ImageError(f"{path} is not a 64-bit Linux executable")
        offset = int.from_bytes(head[32:40], "little")
        size, count = int.from_bytes(head[54:56], "little"), int.from_bytes(head[56:58], "little")
        file.seek(offset)
        return any(int.from_bytes(file.read(size)[:4], "little") == 3 for _ in range(count))
