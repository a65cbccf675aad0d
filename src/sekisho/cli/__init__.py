"""The command line: a module a command or group. Each parses, calls, renders; `main` names them all."""
