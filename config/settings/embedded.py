"""Completes the environment with the embedded services; imported before the settings that read it."""

from config.devserver.embedded import complete_environment
from config.settings.env import VAR_DIR

complete_environment(VAR_DIR)
