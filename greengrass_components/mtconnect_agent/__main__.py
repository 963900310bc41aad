"""`python -m greengrass_components.mtconnect_agent --bootstrap FILE`."""

from greengrass_components.edge_kit.output import main
from greengrass_components.mtconnect_agent.gateway_agent import GatewayAgent

if __name__ == "__main__":
    raise SystemExit(main("mtconnect_agent", GatewayAgent))
