"""The parts of the API, the most wanted first: a cold start imports them in this order until one has the answer."""

PARTS = (
    "analytics.routes.workbooks",
    "analytics.routes.dashboards",
    "analytics.routes.exports",
    "analytics.routes.sharing",
    "analytics.routes.money",
    "analytics.routes.reports",
)
