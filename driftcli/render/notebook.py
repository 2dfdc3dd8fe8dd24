"""A document as a notebook shows it: the verdict, and the columns that changed, in a frame.

A frame keeps the styles of the page from those of the notebook, and has no script.
"""

from __future__ import annotations

from html import escape

from driftcli.render.words import VERDICTS
from driftcli.report.comparison import Report
from driftcli.report.documents import Readable
from driftcli.report.joint import Joint
from driftcli.report.timeline import Timeline

#: Pixels of the frame: its head, a line of the table, and at most.
_HEAD, _LINE, _MOST = 250, 52, 620


def frame(document: Readable) -> str:
    """Return a document as HTML for a notebook, in a frame."""
    from driftcli.render.html import joint, page, report, timeline

    if isinstance(document, Timeline):
        fields = timeline.digest(document)
    elif isinstance(document, Joint):
        fields = joint.digest(document)
    else:
        assert isinstance(document, Report)
        fields = report.digest(document)
    shown = page.document("notebook.html", fields)
    height = min(_MOST, _HEAD + _LINE * len(fields["folds"]))
    return (
        f'<iframe title="drift: {VERDICTS[document.verdict]}" sandbox="" width="100%"'
        f' height="{height}" style="border: 0"'
        f' srcdoc="{escape(shown)}"></iframe>\n'
    )
