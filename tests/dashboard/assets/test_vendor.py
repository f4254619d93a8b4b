import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(VENDOR, tmp_path / "vendor"))


def test_vendored_files_are_what_the_manifest_says():
    out = StringIO()

    call_command("check_vendor", stdout=out)

    assert "htmx.org-4.0.1 (0BSD): 1 file(s)" in out.getvalue()


def test_changed_file_is_found(copy):
    with (copy / "htmx.org-4.0.1" / "htmx.min.js").open("a") as file:
        file.write(" ")

    with pytest.raises(CommandError, match="its hash is sha384-"):
        call_command("check_vendor", copy)


def test_stray_missing_and_unlicensed_files_are_found(copy):
    (copy / "stray.js").write_text("")
    (copy / "lucide-1.62.0" / "LICENSE").unlink()
    (copy / "lucide-1.62.0" / "sprite.svg").unlink()
    manifest = copy / "vendor.toml"
    manifest.write_text(manifest.read_text().replace('"0BSD"', '"AGPL-3.0"'))

    with pytest.raises(CommandError) as raised:
        call_command("check_vendor", copy)

    assert str(raised.value).splitlines() == [
        "htmx.org-4.0.1: the licence AGPL-3.0 is not one we accept.",
        "lucide-1.62.0: its LICENSE is missing.",
        "lucide-1.62.0/sprite.svg: missing.",
        "stray.js: not in vendor.toml.",
    ]
