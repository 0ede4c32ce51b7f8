"""Static files under hashed names, imports between ES modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Names carry the hash of their content, so a browser may keep them for ever.

    Only relative imports are ours to rename: a bare name is the import map's, also
    in `import("…")`, which is how a comment names a type.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "*.js",
        tuple(
            (pattern.replace("(?P<url>.*?)", "(?P<url>[./].*?)"), template)
            for pattern, template in CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[
                1
            ]
        ),
    )
