"""Everything that `galley run` starts, kept running in one terminal."""
