/** The JSON documents of studies, as schemas: plan, information sheet, round report, model passport. */
export * from './study/passport-document.ts'
export * from './study/plan-document.ts'
export * from './study/result-documents.ts'
export * from './study/sheet-document.ts'
export type { SheetChanges } from './study/study-answers.ts'
