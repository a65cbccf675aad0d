"""The duty roster as a page shows it.

| module | what |
|---|---|
| `asked` | what the address asks for: month or week, which day, which minute, which shift |
| `days` | the calendar: each day cut into shifts and gaps |
| `told` | who is on call at a minute, and the gaps ahead |
| `planning` | the form of a rotation, and who may be on duty |
"""
