"""The tools that Sekisho can read, in the order in which people see them."""

from sekisho.connectors.language import Tool
from sekisho.connectors.tools.alertmanager import parse as alertmanager
from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text

TOOLS: tuple[Tool, ...] = (
    Tool(
        id="alertmanager",
        name=Text("Prometheus Alertmanager（ウェブフック v4）", "Prometheus Alertmanager (webhook v4)"),
        yields=("incident",),
        clauses=("4-5", "6-1-3", "7-3", "9-3-1", "12-1"),
        parse=alertmanager.parse,
        max_bytes=alertmanager.MAX_BYTES,
    ),
)


def tool(tool_id: str) -> Tool:
    """The tool of that id. Raises NotFound."""
    for candidate in TOOLS:
        if candidate.id == tool_id:
            return candidate
    raise NotFound(what=Text("取込元ツール", "That tool to read from"))
