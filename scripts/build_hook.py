"""What a wheel holds beside the modules: the grammar, its compiled form, an index of behaviours, and the labs.

They stand at the top of the checkout, for they are the user's, and travel inside the package as `_grammar`
and `_configs`, where `iosemu/resources.py` finds them. An editable install gets none: it reads the checkout.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Resources(BuildHookInterface[BuilderConfig]):
    """Adds grammar/ and configs/ to a wheel, and what is made of them once for all who install it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files for the wheel; those that are made wait in a folder outside the checkout."""
        if version == "editable":
            return
        root = Path(self.root)
        self.made = tempfile.TemporaryDirectory()
        include = build_data["force_include"]
        include[str(root / "grammar")] = "iosemu/_grammar"
        include[str(root / "configs")] = "iosemu/_configs"
        for name, text in _made(root).items():
            file = Path(self.made.name) / name
            file.write_text(text, "utf-8")
            include[str(file)] = f"iosemu/_grammar/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take what was made away again."""
        del build_data, artifact_path
        if version != "editable":
            self.made.cleanup()


def _made(root: Path) -> dict[str, str]:
    """Compile the grammar and find the behaviours with the package that stands here, and leave no trace in it."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(root))
    from iosemu import features
    from iosemu.parser.grammar import compile_text

    return {"compiled.json": compile_text(root / "grammar"), "behaviours.json": features.index()}
