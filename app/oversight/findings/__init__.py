"""What is doubtful about evidence: computed by workers, judged by people, never a reason to refuse anything (U4.8)."""
