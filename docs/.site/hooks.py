"""What the site has that is no page: the JSON Schemas, written by the code that they describe."""

import json
import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from driftcli.report.schemas import DOCUMENTS, json_schema

#: Files of the repository that the pages point at and the site does not have.
_OUTSIDE = re.compile(r"\[([^\]]*)\]\(\.\./[^)]*\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the schemas."""
    for name in DOCUMENTS:
        text = json.dumps(json_schema(name), indent=2, ensure_ascii=False) + "\n"
        files.append(File.generated(config, f"schema/{name}.json", content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Leave of links out of the pages what they are called."""
    return _OUTSIDE.sub(r"\1", markdown)
