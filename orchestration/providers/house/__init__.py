"""The built-in provider that needs no key: text analysis by rule, which says that it is no language model."""
