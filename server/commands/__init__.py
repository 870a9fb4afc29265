"""The `galley` command's subcommands, one file each; each is imported only when it is called."""
