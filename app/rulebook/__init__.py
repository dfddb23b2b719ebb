"""The rules of a place as people see and change them: profiles, calendar, deadlines computed again."""
