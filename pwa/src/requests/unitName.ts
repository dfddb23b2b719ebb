/** The name of a unit by its id, as far as this phone's directory knows it. */
import { t } from '@/locales/screens'
import { useUnits } from '@/sync/store'

export function useUnitName() {
  const units = useUnits()
  return (id: string): string => units.value.find((unit) => unit.id === id)?.name ?? t('people.other_unit')
}
