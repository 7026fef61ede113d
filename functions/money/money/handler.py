"""AWS Lambda's way in."""

from common.lambda_entry import entry

handler = entry("money.app")
