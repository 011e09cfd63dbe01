"""Where answers come from: language models, and the built-in analyst."""
