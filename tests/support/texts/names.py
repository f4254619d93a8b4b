"""First and last names of forty locales, from Faker's lists."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

_FORTY: Final = (
    "ar_AA bg_BG cs_CZ da_DK de_AT de_CH de_DE el_GR en_GB en_IE en_IN en_NZ en_US es_AR es_CL es_CO es_ES"
    " es_MX et_EE fa_IR fi_FI fr_CH fr_FR he_IL hi_IN hr_HR hu_HU hy_AM id_ID it_IT ja_JP ka_GE ko_KR lt_LT"
    " nl_NL no_NO pl_PL pt_BR pt_PT ro_RO ru_RU sk_SK sl_SI sv_SE ta_IN th_TH tr_TR uk_UA vi_VN zh_CN"
)
LOCALES: Final = _FORTY.split()


def of(locale: str) -> set[str]:
    """Return the names of a locale, as people write them."""
    try:
        provider: Any = import_module(f"faker.providers.person.{locale}").Provider
    except ModuleNotFoundError:
        return set()
    return {
        name
        for kind in dir(provider)
        if kind.startswith(("first_name", "last_name", "first_names", "last_names"))
        for name in _listed(getattr(provider, kind))
    }


def _listed(names: Any) -> Iterator[str]:
    if isinstance(names, dict | list | tuple | set):
        for name in names:
            yield from [name] if isinstance(name, str) else _listed(name)
