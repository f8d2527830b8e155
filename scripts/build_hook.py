"""What a wheel holds beside the modules: the grammar, its compiled form, and the labs.

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
    """Adds grammar/ and configs/ to a wheel, and the grammar compiled once for all who install it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files for the wheel; the compiled grammar waits in a folder outside the checkout."""
        if version == "editable":
            return
        root = Path(self.root)
        self.made = tempfile.TemporaryDirectory()
        compiled = Path(self.made.name) / "compiled.json"
        compiled.write_text(_compile(root), "utf-8")
        include = build_data["force_include"]
        include[str(root / "grammar")] = "iosemu/_grammar"
        include[str(root / "configs")] = "iosemu/_configs"
        include[str(compiled)] = "iosemu/_grammar/compiled.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the compiled grammar away again."""
        del build_data, artifact_path
        if version != "editable":
            self.made.cleanup()


def _compile(root: Path) -> str:
    """Compile the grammar with the parser that stands beside it, and leave no trace in the checkout."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(root))
    from iosemu.parser.grammar import compile_text

    return compile_text(root / "grammar")
