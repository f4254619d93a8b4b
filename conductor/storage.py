"""Static files under names that carry their hash, imports between our own modules included.

Stylesheets that a page loads together become one file: over a slow line each further one costs a
round trip before anything is painted.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from dashboard.assets import stylesheets

_IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]
_COMMENT: Final = re.compile(r"/\*.*?\*/\s*|^\s+", re.DOTALL | re.MULTILINE)


def joined(texts: Iterable[str]) -> str:
    """Return stylesheets as one, without comments and indentation."""
    return "\n".join(_COMMENT.sub("", text) for text in texts)


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """A module imported under two addresses would run twice: rewrite imports as well.

    Only in our own scripts: other packages ship files whose imports are meant for bundlers.
    """

    makes_bundles = True
    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = ("js/*.js", _IMPORTS)

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        """Write the bundles beside what was collected, then hash and compress everything."""
        if not dry_run:
            for bundle in stylesheets.BUNDLES:
                paths[self._write(bundle)] = (self, stylesheets.path_of(bundle))
        yield from super().post_process(paths, dry_run, **options)

    def _write(self, bundle: str) -> str:
        text = joined(self._text(part) for part in stylesheets.parts_of(bundle))
        name = stylesheets.path_of(bundle)
        self.delete(name)
        self._save(name, ContentFile(text.encode()))
        return name

    def _text(self, name: str) -> str:
        with self.open(name) as file:
            return str(file.read().decode())
