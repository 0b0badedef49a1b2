"""The root of all tests: loads the plugin that gives them real parts."""

pytest_plugins = ["common.testing.plugin"]
