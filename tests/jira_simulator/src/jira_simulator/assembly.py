"""Options in, the running parts of a simulator out, wired together."""

from jira_simulator.faults.plan import FaultPlan
from jira_simulator.generate.accounts import open_door
from jira_simulator.generate.site import generate_site
from jira_simulator.http.limits import RateLimits
from jira_simulator.http.service import Service
from jira_simulator.http.stats import Stats
from jira_simulator.jql.search import Searcher
from jira_simulator.load.fixture import load_fixture
from jira_simulator.load.real_issues import load_real_issues
from jira_simulator.model.site import Site
from jira_simulator.oauth.grants import Grants, Rules
from jira_simulator.options import Options
from jira_simulator.webhooks.delivery import Delivery
from jira_simulator.webhooks.registry import Registry
from jira_simulator.write.desk import Desk


def make_site(options: Options) -> Site:
    if options.fixture is not None:
        return load_fixture(options.personality, options.base_url, options.fixture)
    if options.issues_from is not None:
        return load_real_issues(options.personality, options.base_url, options.issues_from, options.seed)
    return generate_site(options.personality, options.base_url, options.issues, options.seed)


def make_service(options: Options) -> Service:
    site = make_site(options)
    site.media_url = options.media_url
    door = open_door(site, options.credentials)
    faults, stats, registry = FaultPlan(), Stats(), Registry()
    delivery = Delivery(site, registry, faults, stats, door.main, options.webhook_retry_ms)
    return Service(
        site=site,
        door=door,
        faults=faults,
        stats=stats,
        registry=registry,
        delivery=delivery,
        desk=Desk(site, delivery.tell),
        searcher=Searcher(site),
        grants=Grants(options.oauth, site, Rules(consent=options.oauth_consent)),
        limits=RateLimits(site.cloud, options.rate_limit) if options.rate_limit else None,
        latency_ms=options.latency_ms,
    )
