"""The words of the agent: who may send, where an intervention stands, whose words it shows."""
