/** The JSON documents of studies, as schemas: plan, round report, model passport. */
export * from './study/passport-document.ts'
export * from './study/plan-document.ts'
