"""dj-stripe's tables without its history; `MIGRATION_MODULES` puts this in the place of its migrations."""
