# Goal: an opaque session with a server whose range is not known opens nothing
encrypt 1.3
expect note no-range
expect class opaque
expect nothing-open
