"""Programs of the containers, and the pure facts about models that everything else shares."""
