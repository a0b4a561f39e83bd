"""Set-up of a bare Debian machine, up to the point where `make up` and `make test` can run.

Only the standard library is used: this code runs before any virtual environment exists. `packages`, `binaries` and
`environments` list the parts to install, `toolchain` compiles, `plan` puts the parts into lanes, `tasks` runs the lanes
side by side, `display` shows them, `doctor` examines the result. All parts land in a per-user cache keyed by content,
so that a second clone finds them.
"""
