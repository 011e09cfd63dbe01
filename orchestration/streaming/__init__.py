"""The live stream of a session: publishing from workers, following from browsers."""
