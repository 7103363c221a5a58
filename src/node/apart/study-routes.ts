/**
 * The routes of studies of an institution on its own, before and after studies are opened there.
 *
 * Law: until then each answers as a node without studies does.
 */
import { NO_STUDIES } from '../study/study-answers.ts'
import type { StudyOffice } from '../study/study-office.ts'

export type StudyRoutes = StudyOffice['handlers']

export function studyRoutes(opened: () => StudyRoutes | undefined): StudyRoutes {
  const now = (): StudyRoutes => opened() ?? NO_STUDIES
  return {
    studySheet: (request) => now().studySheet(request),
    studyVouchers: (request) => now().studyVouchers(request),
    openStudies: (request) => now().openStudies(request),
    forecaster: (request) => now().forecaster(request),
    studyInvitations: (request) => now().studyInvitations(request),
    studyHistory: (request) => now().studyHistory(request),
    cohortProof: (request) => now().cohortProof(request),
    voucher: (request) => now().voucher(request),
    study: (request) => now().study(request),
    studyPapers: (request) => now().studyPapers(request),
    studyPassport: (request) => now().studyPassport(request),
    studyDraft: (request) => now().studyDraft(request),
    studies: (request) => now().studies(request),
    studyRegistry: (request) => now().studyRegistry(request),
    studyEvents: (request) => now().studyEvents(request),
  }
}
