# Only an option.
no-compress
