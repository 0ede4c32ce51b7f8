"""Static files under hashed names, imports between ES modules included."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_kind, _imports = HashedFilesMixin._js_module_import_aggregation_patterns  # type: ignore[attr-defined]  # not in the stubs


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise is untyped
    """Names carry the hash of their content, so a browser may keep them for ever.

    Declared imports and exports follow the new names. `import("…")` is left alone:
    in comments it names types, and types may refer to each other in a circle.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        _kind,
        tuple(rule for rule in _imports if r"import\(" not in rule[0]),
    )
