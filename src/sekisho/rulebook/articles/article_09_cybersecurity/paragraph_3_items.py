"""Article 9, paragraph 3: a cybersecurity structure of six parts; each item has its own file."""

from sekisho.findings.verdicts import Duty
from sekisho.rulebook.language import clause

clause(
    "9-3",
    Duty.SHOULD,
    "次の各号を含むサイバーセキュリティ管理体制",
    "A cybersecurity structure that includes these items",
    items=tuple(f"9-3-{n}" for n in range(1, 7)),
)
