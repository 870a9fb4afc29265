"""The vocabulary that workers, server and browser share. Pure: no I/O, imports nothing else of ours."""
