"""The tools and formats that Sekisho can read, in the order in which people see them."""

from sekisho.connectors.language import FrameworkFormat, Tool
from sekisho.connectors.tools.alertmanager import parse as alertmanager
from sekisho.connectors.tools.controls_csv import parse as controls_csv
from sekisho.connectors.tools.oscal import parse as oscal
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

FRAMEWORK_FORMATS: tuple[FrameworkFormat, ...] = (
    FrameworkFormat(
        id="oscal",
        name=Text("OSCAL カタログ（JSON、1.0～1.2）", "OSCAL catalog (JSON, 1.0 to 1.2)"),
        endings=(".json",),
        parse=oscal.parse,
        max_bytes=oscal.MAX_BYTES,
    ),
    FrameworkFormat(
        id="controls_csv",
        name=Text("管理策の一覧（CSV）", "A list of controls (CSV)"),
        endings=(".csv", ".tsv", ".txt"),
        parse=controls_csv.parse,
        max_bytes=controls_csv.MAX_BYTES,
    ),
)


def tool(tool_id: str) -> Tool:
    """The tool of that id. Raises NotFound."""
    for candidate in TOOLS:
        if candidate.id == tool_id:
            return candidate
    raise NotFound(what=Text("取込元ツール", "That tool to read from"))


def framework_format(file_name: str) -> FrameworkFormat:
    """The format of a file with that name, by its ending. Raises NotFound."""
    for candidate in FRAMEWORK_FORMATS:
        if file_name.lower().endswith(candidate.endings):
            return candidate
    endings = " ".join(ending for f in FRAMEWORK_FORMATS for ending in f.endings)
    raise NotFound(
        what=Text(f"評価基準を読み取れる形式（{endings}）", f"A format to read a framework from ({endings})")
    )
