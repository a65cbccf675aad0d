"""What a check answers: one outcome for each subject, as rows of one frame.

| column | type | what |
|---|---|---|
| kind | String | the subject's kind, `member` for the member as a whole, or `clause` for a clause of the rule |
| subject | String | the subject's key, `member`, or the clause's citation |
| outcome | String | met, falls_short, no_evidence |
| reason | String | a code with words in the check's catalogue; null where met |
| data | String | what the words are filled with, a JSON object; null where met |
| since | Date | the first day on which it was so; null where unknown |
| due | Date | the day by which it must be mended; null where there is none |
| who | String | who must act: `person:<key>`, `role:<role>` or `role:<role>@<unit>` |
"""

import polars as pl

MET = "met"
FALLS_SHORT = "falls_short"
NO_EVIDENCE = "no_evidence"
MEMBER = "member"
CLAUSE = "clause"

SCHEMA: dict[str, type[pl.DataType]] = {
    "kind": pl.String,
    "subject": pl.String,
    "outcome": pl.String,
    "reason": pl.String,
    "data": pl.String,
    "since": pl.Date,
    "due": pl.Date,
    "who": pl.String,
}
