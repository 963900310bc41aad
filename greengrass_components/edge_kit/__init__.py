"""What every component at the site shares: journal, poll loop, link, configuration, health."""
